// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BoundedCall} from "../src/BoundedCall.sol";

/// @notice Tells how much gas a bounded call really hands on.
contract GasProbe {
    function give(uint256 promised) external returns (uint256 received) {
        (, bytes memory answer) = BoundedCall.tryCall(
            address(this),
            promised,
            abi.encodeCall(GasProbe.gasHere, ())
        );
        return uint256(bytes32(answer));
    }

    function gasHere() external view returns (uint256) {
        return gasleft();
    }
}

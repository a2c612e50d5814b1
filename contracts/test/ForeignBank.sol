// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Says that it pays, and pays nothing. It can tell whether anyone ever called it.
contract ForeignBank {
    uint256 public calls;

    function pay(address, address, uint256) external {
        ++calls;
    }

    function assertCovers(address, uint256) external {
        ++calls;
    }
}

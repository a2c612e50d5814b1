// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Calls to code that is not ours: with all the gas that was promised, and with an answer
/// whose size the other side cannot choose.
library BoundedCall {
    /// @dev A reason is rarely longer, and a longer one costs every other payment of the batch.
    uint256 private constant MAX_ANSWER = 256;

    /// @dev What may be spent between the gas check and the call itself: a cold account, some
    /// memory.
    uint256 private constant MARGIN = 5_000;

    /// @notice The transaction was sent with too little gas. It reverts as a whole, because
    /// otherwise whoever sends it could choose which payments fail (a call gets at most 63/64 of
    /// what is left).
    error NotEnoughGas();

    /// @dev Gives `gasLimit`, or reverts when it has less to give. Copies 256 bytes at most back.
    function tryCall(
        address target,
        uint256 gasLimit,
        bytes memory data
    ) internal returns (bool ok, bytes memory answer) {
        if (gasleft() < gasLimit + gasLimit / 63 + MARGIN) revert NotEnoughGas();
        assembly ("memory-safe") {
            ok := call(gasLimit, target, 0, add(data, 0x20), mload(data), 0, 0)
            let size := returndatasize()
            if gt(size, MAX_ANSWER) {
                size := MAX_ANSWER
            }
            answer := mload(0x40)
            mstore(answer, size)
            returndatacopy(add(answer, 0x20), 0, size)
            mstore(0x40, add(answer, and(add(size, 0x3f), not(0x1f))))
        }
    }
}

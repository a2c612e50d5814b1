// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {PasskeyAccount} from "./PasskeyAccount.sol";

/// @title Where wallets come from
/// @notice Opens the wallet of a passkey at the address that follows from it, for whoever asks:
/// there is nothing to choose.
contract PasskeyAccountFactory {
    /// @notice The code that every wallet is a clone of.
    address public immutable IMPLEMENTATION = address(new PasskeyAccount());

    event AccountCreated(
        address indexed account,
        bytes32 indexed credentialIdHash,
        bytes32 x,
        bytes32 y,
        uint256 index
    );

    error InvalidKey(bytes32 x, bytes32 y);

    /// @notice Opens a wallet, or finds it open. `credentialIdHash` is the keccak256 of the first
    /// passkey's credential id, `x` and `y` its public key, `index` 0 for the first wallet.
    function createAccount(
        bytes32 credentialIdHash,
        bytes32 x,
        bytes32 y,
        uint256 index
    ) external returns (address account) {
        if (!P256.isValidPublicKey(x, y)) revert InvalidKey(x, y);
        account = predict(credentialIdHash, x, y, index);
        if (account.code.length > 0) return account;
        Clones.cloneDeterministicWithImmutableArgs(
            IMPLEMENTATION,
            abi.encode(x, y),
            _salt(credentialIdHash, index)
        );
        emit AccountCreated(account, credentialIdHash, x, y, index);
    }

    /// @notice Where a wallet is, or will be.
    function predict(
        bytes32 credentialIdHash,
        bytes32 x,
        bytes32 y,
        uint256 index
    ) public view returns (address) {
        return
            Clones.predictDeterministicAddressWithImmutableArgs(
                IMPLEMENTATION,
                abi.encode(x, y),
                _salt(credentialIdHash, index)
            );
    }

    function _salt(bytes32 credentialIdHash, uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode(credentialIdHash, index));
    }
}

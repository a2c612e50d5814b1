// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Account} from "@openzeppelin/contracts/account/Account.sol";
import {ERC7821} from "@openzeppelin/contracts/account/extensions/draft-ERC7821.sol";
import {ERC4337Utils} from "@openzeppelin/contracts/account/utils/ERC4337Utils.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IEntryPoint} from "@openzeppelin/contracts/interfaces/IERC4337.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";
import {ERC721Holder} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Holder.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {WebAuthn} from "@openzeppelin/contracts/utils/cryptography/WebAuthn.sol";

/// @title A wallet that passkeys open
/// @notice An ERC-4337 account. Its first key stands in its code, so that receiving costs nothing
/// and opening it is cheap; it may add and remove keys, but never the last one.
/// @dev A signature is `x ‖ y ‖ abi.encode(r, s, challengeIndex, typeIndex, authenticatorData,
/// clientDataJSON)`: the key that signed, and its WebAuthn assertion with the user verified. Origin
/// and relying party are not checked on chain: browsers bind passkeys to them, and our logins check
/// them.
contract PasskeyAccount is Account, ERC7821, EIP712, IERC1271, ERC721Holder, ERC1155Holder {
    bytes32 private constant SIGNED_HASH = keccak256("SignedHash(bytes32 hash)");

    /// @dev Only what differs from the beginning: a key that was added, or the first one once
    /// removed.
    mapping(bytes32 keyId => bool) private _changed;
    uint256 private _extraKeys;

    event KeyAdded(bytes32 indexed x, bytes32 indexed y);
    event KeyRemoved(bytes32 indexed x, bytes32 indexed y);

    error InvalidKey(bytes32 x, bytes32 y);
    error KeyAlreadyAdded(bytes32 x, bytes32 y);
    error UnknownKey(bytes32 x, bytes32 y);
    error LastKey();

    constructor() EIP712("PasskeyAccount", "1") {}

    /// @notice Lets another passkey open this wallet.
    function addKey(bytes32 x, bytes32 y) external onlyEntryPointOrSelf {
        if (!P256.isValidPublicKey(x, y)) revert InvalidKey(x, y);
        if (isKey(x, y)) revert KeyAlreadyAdded(x, y);
        _toggle(x, y);
        ++_extraKeys;
        emit KeyAdded(x, y);
    }

    /// @notice Locks a passkey out; the last one stays.
    function removeKey(bytes32 x, bytes32 y) external onlyEntryPointOrSelf {
        if (!isKey(x, y)) revert UnknownKey(x, y);
        if (_extraKeys == 0) revert LastKey();
        _toggle(x, y);
        --_extraKeys;
        emit KeyRemoved(x, y);
    }

    /// @inheritdoc IERC1271
    /// @dev What is signed is `replaySafeHash(hash)`: worth nothing on another account or chain.
    function isValidSignature(
        bytes32 hash,
        bytes calldata signature
    ) external view returns (bytes4) {
        bool valid = _rawSignatureValidation(replaySafeHash(hash), signature);
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    /// @notice How many passkeys open this wallet.
    function keyCount() external view returns (uint256) {
        return 1 + _extraKeys;
    }

    /// @notice Whether a passkey opens this wallet.
    function isKey(bytes32 x, bytes32 y) public view returns (bool) {
        (bytes32 firstX, bytes32 firstY) = firstKey();
        return (x == firstX && y == firstY) != _changed[_keyId(x, y)];
    }

    /// @notice The key that the address follows from, even when it was removed since.
    function firstKey() public view returns (bytes32 x, bytes32 y) {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (bytes32, bytes32));
    }

    /// @notice What a passkey signs when this account signs `hash` for others (ERC-1271, EIP-712).
    function replaySafeHash(bytes32 hash) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(SIGNED_HASH, hash)));
    }

    /// @notice The canonical EntryPoint 0.8.
    function entryPoint() public pure override returns (IEntryPoint) {
        return ERC4337Utils.ENTRYPOINT_V08;
    }

    function _rawSignatureValidation(
        bytes32 hash,
        bytes calldata signature
    ) internal view override returns (bool) {
        if (signature.length < 64) return false;
        bytes32 x = bytes32(signature[:32]);
        bytes32 y = bytes32(signature[32:64]);
        if (!isKey(x, y)) return false;
        (bool decoded, WebAuthn.WebAuthnAuth calldata auth) = WebAuthn.tryDecodeAuth(
            signature[64:]
        );
        return decoded && WebAuthn.verify(abi.encodePacked(hash), auth, x, y, true);
    }

    function _erc7821AuthorizedExecutor(
        address caller,
        bytes32 mode,
        bytes calldata executionData
    ) internal view override returns (bool) {
        return
            caller == address(entryPoint()) ||
            super._erc7821AuthorizedExecutor(caller, mode, executionData);
    }

    function _toggle(bytes32 x, bytes32 y) private {
        bytes32 keyId = _keyId(x, y);
        _changed[keyId] = !_changed[keyId];
    }

    function _keyId(bytes32 x, bytes32 y) private pure returns (bytes32) {
        return keccak256(abi.encode(x, y));
    }
}

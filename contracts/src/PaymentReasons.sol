// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One transfer to one wallet. Ids are sequential, and each is paid at most once, ever.
struct Payment {
    uint256 id;
    address wallet;
    uint256 amount;
}

/// @notice The payment at `index` was not made, and why.
struct PaymentFailure {
    uint256 index;
    bytes reason;
}

/// @notice Why a payment, or a whole group of them, was not made: the words inside `PaymentFailed`
/// and `GroupFailed`. A reason may also be the error of the token itself.
interface PaymentReasons {
    /// @notice The address is not a bank that our factory deployed: it was never called.
    error UnknownBank(address bank);

    /// @notice Tokens sent there would be lost, or would never have left: zero, hub, bank or token.
    error InvalidWallet(address wallet);

    /// @notice The owner of the bank allows `left` more units of the token in the current period.
    error LimitExceeded(address token, uint256 left, uint256 asked);

    /// @notice The bank holds `held` units of the token.
    error InsufficientFunds(address token, uint256 held, uint256 asked);

    /// @notice The token answered false, ran out of the gas it was given, or gave no reason.
    error TransferFailed(address token);
}

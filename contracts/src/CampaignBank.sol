// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {BoundedCall} from "./BoundedCall.sol";
import {Payment, PaymentFailure, PaymentReasons} from "./PaymentReasons.sol";

/// @notice How much of a token may leave per period of so many seconds, counted from 1970. A period
/// of 0 never renews: the amount is all there is.
struct Limit {
    address token;
    uint128 amount;
    uint64 period;
}

/// @title A merchant's vault
/// @notice Holds the tokens that a merchant rewards with. They leave in two ways only: the owner
/// withdraws them, or the hub pays a wallet, within the owner's limits and never while paused.
/// @dev A clone per merchant, set up by the factory in the transaction that creates it.
contract CampaignBank is Ownable2Step, Pausable, PaymentReasons {
    struct Spending {
        uint128 limit;
        uint128 spent;
        uint64 period;
        uint64 window;
    }

    /// @dev The gas that a token may use: `GAS_PER_PAYMENT` for each, and once in a group a reserve
    /// for what is cold or heavy. 250 payments of a token that burns all it gets still fit a
    /// transaction.
    uint256 private constant GAS_IN_RESERVE = 200_000;
    uint256 private constant GAS_PER_PAYMENT = 50_000;

    /// @notice The only address that can make this bank pay.
    address public immutable HUB;

    /// @notice The only address that can set up a bank.
    address public immutable FACTORY;

    /// @notice May pause and unpause for the owner, nothing else. The owner replaces it.
    address public manager;

    mapping(address token => Spending) private _spendings;

    event Deposited(address indexed token, address indexed from, uint256 amount);
    event Withdrawn(address indexed token, address indexed to, uint256 amount);
    event LimitSet(address indexed token, uint128 amount, uint64 period);
    event ManagerSet(address indexed manager);

    error CallerNotAllowed(address caller);
    error BankNeedsOwner();

    modifier onlyOwnerOrManager() {
        if (msg.sender != owner() && msg.sender != manager) revert CallerNotAllowed(msg.sender);
        _;
    }

    /// @dev The implementation belongs to the factory, which never calls it again.
    constructor(address hub) Ownable(msg.sender) {
        HUB = hub;
        FACTORY = msg.sender;
    }

    /// @notice Called once, by the factory, in the transaction that creates the clone.
    function initialize(address owner_, address manager_, Limit[] calldata limits) external {
        if (msg.sender != FACTORY) revert CallerNotAllowed(msg.sender);
        if (owner_ == address(0)) revert BankNeedsOwner();
        _transferOwnership(owner_);
        _setManager(manager_);
        for (uint256 i = 0; i < limits.length; ++i) {
            _setLimit(limits[i].token, limits[i].amount, limits[i].period);
        }
    }

    /// @notice Puts tokens in, from anyone. A plain transfer does as well, without the event.
    function deposit(address token, uint256 amount) external {
        SafeERC20.safeTransferFrom(IERC20(token), msg.sender, address(this), amount);
        emit Deposited(token, msg.sender, amount);
    }

    /// @notice Takes tokens out. Works while paused: the pause holds back the hub, not the owner.
    function withdraw(address token, address to, uint256 amount) external onlyOwner {
        SafeERC20.safeTransfer(IERC20(token), to, amount);
        emit Withdrawn(token, to, amount);
    }

    /// @notice Replaces the limit of a token. What was spent in the current period still counts,
    /// unless the period itself is another one.
    function setLimit(address token, uint128 amount, uint64 period) external onlyOwner {
        _setLimit(token, amount, period);
    }

    /// @notice Replaces who may pause beside the owner; the zero address for nobody.
    function setManager(address manager_) external onlyOwner {
        _setManager(manager_);
    }

    /// @notice Stops every payment of the hub from this bank, at once.
    function pause() external onlyOwnerOrManager {
        _pause();
    }

    /// @notice Lets the hub pay again.
    function unpause() external onlyOwnerOrManager {
        _unpause();
    }

    /// @notice Pays wallets. Reverts when the bank cannot make all of the payments; one that the
    /// token then does not make is among the failures, and does not count against the limit.
    function pay(
        address token,
        Payment[] calldata payments
    ) external whenNotPaused returns (PaymentFailure[] memory failures) {
        if (msg.sender != HUB) revert CallerNotAllowed(msg.sender);
        uint256 asked = _sum(payments);
        _spend(token, asked);
        _requireFunds(token, asked);
        uint256 unspent;
        (failures, unspent) = _transferAll(token, payments);
        if (unspent > 0) _giveBack(token, unspent);
    }

    /// @notice The limit of a token, and what was spent of it in the current period.
    function limitOf(
        address token
    ) external view returns (uint128 amount, uint64 period, uint128 spent) {
        Spending storage spending = _spendings[token];
        return (spending.limit, spending.period, _spentIn(spending, _window(spending.period)));
    }

    /// @notice What the limit of a token still lets through in the current period.
    function spendable(address token) public view returns (uint256) {
        Spending storage spending = _spendings[token];
        return _left(spending, _spentIn(spending, _window(spending.period)));
    }

    /// @notice Refused: a bank without an owner would keep its tokens for ever.
    function renounceOwnership() public view override onlyOwner {
        revert BankNeedsOwner();
    }

    function _setManager(address manager_) private {
        manager = manager_;
        emit ManagerSet(manager_);
    }

    function _setLimit(address token, uint128 amount, uint64 period) private {
        Spending storage spending = _spendings[token];
        if (spending.period != period) {
            spending.period = period;
            spending.spent = 0;
        }
        spending.limit = amount;
        emit LimitSet(token, amount, period);
    }

    /// @dev Before any transfer, so that a token that calls back finds the limit already used.
    function _spend(address token, uint256 amount) private {
        Spending storage spending = _spendings[token];
        uint64 window = _window(spending.period);
        uint128 spent = _spentIn(spending, window);
        uint256 left = _left(spending, spent);
        if (amount > left) revert LimitExceeded(token, left, amount);
        spending.spent = spent + uint128(amount);
        spending.window = window;
    }

    /// @dev Saturates, because the owner may have changed the period while a token was called.
    function _giveBack(address token, uint256 amount) private {
        Spending storage spending = _spendings[token];
        spending.spent = uint128(Math.saturatingSub(spending.spent, amount));
    }

    /// @dev A token that does not answer as a token does holds nothing.
    function _requireFunds(address token, uint256 asked) private {
        bytes memory question = abi.encodeCall(IERC20.balanceOf, (address(this)));
        (bool ok, bytes memory answer) = BoundedCall.tryCall(token, GAS_IN_RESERVE, question);
        uint256 held = ok && answer.length >= 32 ? uint256(bytes32(answer)) : 0;
        if (asked > held) revert InsufficientFunds(token, held, asked);
    }

    /// @dev Failures have memory for all payments, and are cut to those that did fail.
    function _transferAll(
        address token,
        Payment[] calldata payments
    ) private returns (PaymentFailure[] memory failures, uint256 unspent) {
        failures = new PaymentFailure[](payments.length);
        uint256 failed;
        uint256 allowance = GAS_IN_RESERVE;
        for (uint256 i = 0; i < payments.length; ++i) {
            Payment calldata payment = payments[i];
            uint256 before = gasleft();
            (bool ok, bytes memory reason) = _transfer(token, payment, allowance);
            if (!ok) {
                failures[failed++] = PaymentFailure(i, reason);
                unspent += payment.amount;
            }
            uint256 rest = Math.saturatingSub(allowance, before - gasleft());
            allowance = Math.min(rest + GAS_PER_PAYMENT, GAS_IN_RESERVE);
        }
        assembly ("memory-safe") {
            mstore(failures, failed)
        }
    }

    /// @dev Succeeds unless the token reverts or says false; some tokens say nothing. That there is
    /// a token at all is known from its balance.
    function _transfer(
        address token,
        Payment calldata payment,
        uint256 gasLimit
    ) private returns (bool, bytes memory) {
        (bool ok, bytes memory answer) = BoundedCall.tryCall(
            token,
            gasLimit,
            abi.encodeCall(IERC20.transfer, (payment.wallet, payment.amount))
        );
        if (ok && (answer.length == 0 || bytes32(answer) != 0)) return (true, "");
        if (!ok && answer.length > 0) return (false, answer);
        return (false, abi.encodeWithSelector(TransferFailed.selector, token));
    }

    function _sum(Payment[] calldata payments) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < payments.length; ++i) {
            sum = Math.saturatingAdd(sum, payments[i].amount);
        }
    }

    function _window(uint64 period) private view returns (uint64) {
        return period == 0 ? 0 : uint64(block.timestamp / period);
    }

    function _spentIn(Spending storage spending, uint64 window) private view returns (uint128) {
        return spending.window == window ? spending.spent : 0;
    }

    /// @dev Nothing, rather than less than nothing, after the owner lowered the limit.
    function _left(Spending storage spending, uint256 spent) private view returns (uint256) {
        return Math.saturatingSub(spending.limit, spent);
    }
}

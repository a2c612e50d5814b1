// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {BoundedCall} from "./BoundedCall.sol";
import {CampaignBank} from "./CampaignBank.sol";
import {CampaignBankFactory} from "./CampaignBankFactory.sol";
import {Payment, PaymentFailure, PaymentReasons} from "./PaymentReasons.sol";
import {BANK_MANAGER, GUARDIAN, PUBLISHER, SETTLER} from "./Roles.sol";

/// @notice The payments of one merchant's bank in one token.
struct Group {
    address bank;
    address token;
    Payment[] payments;
}

/// @notice All that is owed in one token.
struct Liability {
    address token;
    uint256 amount;
}

/// @title The hub
/// @notice Pays rewards from merchants' banks straight to wallets, each once, and publishes the
/// roots that prove what was bought, what is owed and what was rewarded.
/// @dev What goes wrong stays where it is: a payment does not hurt its group, a group does not hurt
/// the batch. Only too little gas, a missing role or a pause revert the whole transaction.
contract RewardsHub is AccessControl, Pausable, ReentrancyGuardTransient, PaymentReasons {
    using BitMaps for BitMaps.BitMap;

    bytes32 public constant SETTLER_ROLE = SETTLER;
    bytes32 public constant PUBLISHER_ROLE = PUBLISHER;
    bytes32 public constant GUARDIAN_ROLE = GUARDIAN;
    bytes32 public constant BANK_MANAGER_ROLE = BANK_MANAGER;

    /// @notice Opens the banks that this hub pays from.
    CampaignBankFactory public immutable BANK_FACTORY;

    /// @notice The code hash that all banks share, and by which they are recognised.
    bytes32 public immutable BANK_CODE_HASH;

    /// @notice The hash of what was published for an epoch; zero when nothing was.
    mapping(uint64 epoch => bytes32) public publications;

    BitMaps.BitMap private _paid;

    /// @notice These payments were made, from one bank in one token.
    event PaymentsMade(address indexed bank, address indexed token, Payment[] payments);

    /// @notice Paid before, and therefore not again.
    event PaymentSkipped(uint256 indexed id);

    /// @notice Not paid: `reason` is an error, encoded as it would have been thrown, cut at 256
    /// bytes.
    event PaymentFailed(uint256 indexed id, bytes reason);

    /// @notice Of the group at `index` of the batch no payment was made. Those that were skipped or
    /// failed by themselves are told of before.
    event GroupFailed(address indexed bank, address indexed token, uint256 index, bytes reason);

    /// @notice `rewardsRoot` covers the rewards whose payments this batch asked for.
    event BatchSettled(uint64 indexed epoch, bytes32 indexed rewardsRoot);

    event EpochPublished(
        uint64 indexed epoch,
        bytes32 purchasesRoot,
        bytes32 liabilitiesRoot,
        Liability[] liabilities
    );

    error EpochAlreadyPublished(uint64 epoch);

    /// @dev Nothing but the admin goes in, so that the address does not depend on keys that rotate.
    constructor(address admin) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        BANK_FACTORY = new CampaignBankFactory();
        BANK_CODE_HASH = _cloneCodeHash(BANK_FACTORY.IMPLEMENTATION());
    }

    /// @notice Makes the payments that were not made before and tells of each what became of it.
    function settle(
        uint64 epoch,
        Group[] calldata groups,
        bytes32 rewardsRoot
    ) external onlyRole(SETTLER) whenNotPaused nonReentrant {
        for (uint256 i = 0; i < groups.length; ++i) _settleGroup(groups[i], i);
        emit BatchSettled(epoch, rewardsRoot);
    }

    /// @notice Publishes the roots of an epoch, and the sums of what is owed under the second one.
    /// The same once more changes nothing; anything else for the same epoch is refused.
    function publish(
        uint64 epoch,
        bytes32 purchasesRoot,
        bytes32 liabilitiesRoot,
        Liability[] calldata liabilities
    ) external onlyRole(PUBLISHER) {
        bytes32 publication = keccak256(abi.encode(purchasesRoot, liabilitiesRoot, liabilities));
        if (publications[epoch] == publication) return;
        if (publications[epoch] != 0) revert EpochAlreadyPublished(epoch);
        publications[epoch] = publication;
        emit EpochPublished(epoch, purchasesRoot, liabilitiesRoot, liabilities);
    }

    /// @notice Stops all settlement.
    function pause() external onlyRole(GUARDIAN) {
        _pause();
    }

    /// @notice Lets settlement go on.
    function unpause() external onlyRole(GUARDIAN) {
        _unpause();
    }

    /// @notice Whether a payment was made.
    function isPaid(uint256 id) public view returns (bool) {
        return _paid.get(id);
    }

    /// @notice 256 payments at once: bit `n` of word `w` is the payment `256 * w + n`.
    function paidWord(uint256 word) external view returns (uint256) {
        return _paid._data[word];
    }

    /// @dev What is told of single payments comes before what is told of their group.
    function _settleGroup(Group calldata group, uint256 index) private {
        (Payment[] memory unpaid, uint256[] memory repeated) = _sort(group);
        (PaymentFailure[] memory failures, bytes memory reason) = _pay(group, unpaid);
        bool isOpen = reason.length == 0;
        if (!isOpen) _unmark(unpaid);
        else if (failures.length > 0) _setApart(unpaid, failures);

        for (uint256 i = 0; i < repeated.length; ++i) {
            if (isPaid(repeated[i])) emit PaymentSkipped(repeated[i]);
        }
        if (!isOpen) emit GroupFailed(group.bank, group.token, index, reason);
        else if (unpaid.length > 0) emit PaymentsMade(group.bank, group.token, unpaid);
    }

    /// @dev Marks what is unpaid before anyone is called; what then is not paid will be unmarked.
    function _sort(
        Group calldata group
    ) private returns (Payment[] memory unpaid, uint256[] memory repeated) {
        Payment[] calldata payments = group.payments;
        unpaid = new Payment[](payments.length);
        repeated = new uint256[](payments.length);
        uint256 count;
        uint256 again;
        for (uint256 i = 0; i < payments.length; ++i) {
            Payment memory payment = payments[i];
            if (!_isPayable(payment.wallet, group) && !isPaid(payment.id)) {
                emit PaymentFailed(payment.id, _invalid(payment.wallet));
            } else if (_mark(payment.id)) {
                unpaid[count++] = payment;
            } else {
                repeated[again++] = payment.id;
            }
        }
        assembly ("memory-safe") {
            mstore(unpaid, count)
            mstore(repeated, again)
        }
    }

    /// @dev Says whether it was unmarked before.
    function _mark(uint256 id) private returns (bool) {
        uint256 word = _paid._data[id >> 8];
        uint256 marked = word | (1 << (id & 0xff));
        if (marked == word) return false;
        _paid._data[id >> 8] = marked;
        return true;
    }

    /// @dev Gives a reason when nothing at all was paid. Our banks never fail without one: silence
    /// means that they ran out of gas.
    function _pay(
        Group calldata group,
        Payment[] memory payments
    ) private returns (PaymentFailure[] memory none, bytes memory reason) {
        if (group.bank.codehash != BANK_CODE_HASH) {
            return (none, abi.encodeWithSelector(UnknownBank.selector, group.bank));
        }
        if (payments.length == 0) return (none, "");
        try CampaignBank(group.bank).pay(group.token, payments) returns (
            PaymentFailure[] memory failures
        ) {
            return (failures, "");
        } catch (bytes memory why) {
            bool isOutOfGas = why.length == 0 || bytes4(why) == BoundedCall.NotEnoughGas.selector;
            if (isOutOfGas) revert BoundedCall.NotEnoughGas();
            return (none, why);
        }
    }

    /// @dev Unmarks the payments that failed, and takes them out of those that were made.
    function _setApart(Payment[] memory payments, PaymentFailure[] memory failures) private {
        uint256 made;
        uint256 failed;
        for (uint256 i = 0; i < payments.length; ++i) {
            if (failed < failures.length && failures[failed].index == i) {
                _paid.unset(payments[i].id);
                emit PaymentFailed(payments[i].id, failures[failed++].reason);
            } else {
                payments[made++] = payments[i];
            }
        }
        assembly ("memory-safe") {
            mstore(payments, made)
        }
    }

    function _unmark(Payment[] memory payments) private {
        for (uint256 i = 0; i < payments.length; ++i) _paid.unset(payments[i].id);
    }

    function _isPayable(address wallet, Group calldata group) private view returns (bool) {
        if (wallet == address(0) || wallet == address(this)) return false;
        return wallet != group.bank && wallet != group.token;
    }

    function _invalid(address wallet) private pure returns (bytes memory) {
        return abi.encodeWithSelector(InvalidWallet.selector, wallet);
    }

    /// @dev The hash of the 45 bytes of an ERC-1167 clone.
    function _cloneCodeHash(address implementation) private pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    hex"363d3d373d3d3d363d73",
                    implementation,
                    hex"5af43d82803e903d91602b57fd5bf3"
                )
            );
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {CampaignBank, Limit} from "./CampaignBank.sol";
import {BANK_MANAGER} from "./Roles.sol";

/// @title Where banks come from
/// @notice One transaction opens a merchant's bank, with its owner, its manager and its limits, at
/// an address that is known beforehand.
contract CampaignBankFactory {
    /// @notice The hub that deployed this factory: its roles say who may open banks.
    IAccessControl public immutable HUB;

    /// @notice The code that every bank is a clone of.
    address public immutable IMPLEMENTATION;

    event BankDeployed(
        address indexed bank,
        address indexed owner,
        bytes32 indexed merchantKey,
        address manager
    );

    error CallerNotAllowed(address caller);

    constructor() {
        HUB = IAccessControl(msg.sender);
        IMPLEMENTATION = address(new CampaignBank(msg.sender));
    }

    /// @notice Opens the bank of a merchant. For its owner and for bank managers only: the address
    /// does not depend on the limits, so nobody else may be the first to choose them.
    function deploy(
        address owner,
        bytes32 merchantKey,
        address manager,
        Limit[] calldata limits
    ) external returns (address bank) {
        if (msg.sender != owner && !HUB.hasRole(BANK_MANAGER, msg.sender)) {
            revert CallerNotAllowed(msg.sender);
        }
        bank = Clones.cloneDeterministic(IMPLEMENTATION, _salt(owner, merchantKey));
        CampaignBank(bank).initialize(owner, manager, limits);
        emit BankDeployed(bank, owner, merchantKey, manager);
    }

    /// @notice Where the bank of a merchant is, or will be.
    function predict(address owner, bytes32 merchantKey) external view returns (address) {
        return Clones.predictDeterministicAddress(IMPLEMENTATION, _salt(owner, merchantKey));
    }

    function _salt(address owner, bytes32 merchantKey) private pure returns (bytes32) {
        return keccak256(abi.encode(owner, merchantKey));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title Play money
/// @notice A dollar of 6 decimals for development and tests, worth nothing.
contract TestToken is ERC20Permit, AccessControl {
    /// @notice May make more of it.
    bytes32 public constant MINTER_ROLE = keccak256("MINTER_ROLE");

    constructor(address admin) ERC20("Test Dollar", "TUSD") ERC20Permit("Test Dollar") {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @notice Makes `amount` units out of nothing.
    function mint(address to, uint256 amount) external onlyRole(MINTER_ROLE) {
        _mint(to, amount);
    }

    /// @notice As the stablecoins that it stands for.
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}

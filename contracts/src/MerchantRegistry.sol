// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {REGISTRAR} from "./Roles.sol";

/// @title Merchants as products on chain
/// @notice One token per domain, owned by the merchant. Its number is the hash of the domain, so anyone
/// who knows a domain can look up who it belongs to, and who may do what for it.
contract MerchantRegistry is ERC721, AccessControl {
    bytes32 public constant REGISTRAR_ROLE = REGISTRAR;

    /// @dev Roles belong to the ownership under which they were given: a new owner starts without.
    mapping(uint256 id => uint256) private _ownerships;
    mapping(uint256 id => mapping(uint256 ownership => mapping(address wallet => uint256)))
        private _roles;

    event MerchantRegistered(uint256 indexed id, address indexed owner, string domain);
    event RolesSet(uint256 indexed id, address indexed wallet, uint256 roles);

    error DomainEmpty();
    error NotTheOwner(uint256 id, address caller);

    constructor(address admin) ERC721("Commend merchants", "COMMEND") {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @notice Registers a merchant under its domain, which must be free.
    function register(
        address owner,
        string calldata domain
    ) external onlyRole(REGISTRAR) returns (uint256 id) {
        if (bytes(domain).length == 0) revert DomainEmpty();
        id = idOf(domain);
        _mint(owner, id);
        emit MerchantRegistered(id, owner, domain);
    }

    /// @notice Says what a wallet may do for a product: one bit a role, 0 takes all away.
    function setRoles(uint256 id, address wallet, uint256 roles) external {
        if (_requireOwned(id) != msg.sender) revert NotTheOwner(id, msg.sender);
        _roles[id][_ownerships[id]][wallet] = roles;
        emit RolesSet(id, wallet, roles);
    }

    /// @notice The bits of a wallet; the owner has all of them.
    function rolesOf(uint256 id, address wallet) public view returns (uint256) {
        if (_requireOwned(id) == wallet) return type(uint256).max;
        return _roles[id][_ownerships[id]][wallet];
    }

    /// @notice Whether a wallet has every one of these roles.
    function hasRoles(uint256 id, address wallet, uint256 roles) external view returns (bool) {
        return rolesOf(id, wallet) & roles == roles;
    }

    /// @notice The number of a domain, registered or not. Punycode in lower case, as DNS has it.
    function idOf(string calldata domain) public pure returns (uint256) {
        return uint256(keccak256(bytes(domain)));
    }

    function supportsInterface(
        bytes4 interfaceId
    ) public view override(ERC721, AccessControl) returns (bool) {
        return super.supportsInterface(interfaceId);
    }

    function _update(address to, uint256 id, address auth) internal override returns (address) {
        ++_ownerships[id];
        return super._update(to, id, auth);
    }
}

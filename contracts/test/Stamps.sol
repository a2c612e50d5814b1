// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

/// @notice Go only to those who say that they can receive them.
contract Stamps is ERC1155 {
    constructor() ERC1155("") {}

    function give(address to, uint256[] calldata ids, uint256[] calldata amounts) external {
        _mintBatch(to, ids, amounts, "");
    }

    function giveOne(address to, uint256 id) external {
        _mint(to, id, 1, "");
    }
}

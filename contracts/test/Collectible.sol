// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @notice Goes only to those who say that they can receive it.
contract Collectible is ERC721 {
    constructor() ERC721("Collectible", "COL") {}

    function give(address to, uint256 id) external {
        _safeMint(to, id);
    }
}

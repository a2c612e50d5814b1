// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token that behaves, until it is told otherwise.
contract MoodyToken is ERC20 {
    enum Mood {
        Honest,
        Reverts,
        RevertsSilently,
        SaysFalse,
        SaysTwo,
        SaysNothing,
        BurnsAllGas,
        RevertsWithABomb,
        PaysWithABomb,
        CallsBack
    }

    /// @dev As large as the gas of one payment allows.
    uint256 private constant BOMB_SIZE = 100_000;

    Mood public moodOfTransfer;
    Mood public moodOfBalance;
    uint256 public gasToBurn;
    address public callee;
    bytes public callData;
    bool public calledBack;
    bytes public answer;

    mapping(address wallet => bool) public isRefused;

    error NotToday();
    error WalletRefused(address wallet);

    constructor() ERC20("Moody", "MOO") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setMood(Mood ofTransfer, Mood ofBalance) external {
        moodOfTransfer = ofTransfer;
        moodOfBalance = ofBalance;
    }

    function setGasToBurn(uint256 amount) external {
        gasToBurn = amount;
    }

    function refuse(address wallet) external {
        isRefused[wallet] = true;
    }

    function callBack(address callee_, bytes calldata callData_) external {
        moodOfTransfer = Mood.CallsBack;
        (callee, callData) = (callee_, callData_);
    }

    /// @notice So that the token itself can own a bank, or hold a role.
    function act(address target, bytes calldata data) external {
        (bool ok, ) = target.call(data);
        require(ok, "act failed");
    }

    function balanceOf(address account) public view override returns (uint256) {
        _feel(moodOfBalance);
        return super.balanceOf(account);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (isRefused[to]) revert WalletRefused(to);
        if (moodOfTransfer == Mood.SaysFalse) return false;
        if (moodOfTransfer == Mood.CallsBack) (calledBack, answer) = callee.call(callData);
        _feel(moodOfTransfer);
        super.transfer(to, amount);
        return _say(moodOfTransfer);
    }

    function _feel(Mood mood) private view {
        if (mood == Mood.Reverts) revert NotToday();
        if (mood == Mood.RevertsSilently) _end(false, 0);
        if (mood == Mood.BurnsAllGas) _burn(type(uint256).max);
        _burn(gasToBurn);
        if (mood == Mood.RevertsWithABomb) _end(false, BOMB_SIZE);
    }

    function _say(Mood mood) private pure returns (bool) {
        if (mood == Mood.SaysNothing) _end(true, 0);
        if (mood == Mood.SaysTwo) {
            assembly ("memory-safe") {
                mstore(0, 2)
                return(0, 0x20)
            }
        }
        if (mood == Mood.PaysWithABomb) _end(true, BOMB_SIZE / 5);
        return true;
    }

    function _burn(uint256 amount) private view {
        if (amount == 0) return;
        uint256 before = gasleft();
        while (before - gasleft() < amount) {}
    }

    /// @dev Says `true`, or `NotToday()`, and as much more as there is room for.
    function _end(bool well, uint256 size) private pure {
        bytes32 reason = bytes32(NotToday.selector);
        assembly ("memory-safe") {
            switch well
            case 0 {
                mstore(0, reason)
                revert(0, size)
            }
            default {
                mstore(0, 1)
                return(0, size)
            }
        }
    }
}

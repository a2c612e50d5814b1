// Written by contracts/compile.ts: change the contract, not this file.
export const ForeignBank = {
    abi: [
        {"inputs":[{"internalType":"address","name":"","type":"address"},{"internalType":"uint256","name":"","type":"uint256"}],"name":"assertCovers","outputs":[],"stateMutability":"nonpayable","type":"function"},
        {"inputs":[],"name":"calls","outputs":[{"internalType":"uint256","name":"","type":"uint256"}],"stateMutability":"view","type":"function"},
        {"inputs":[{"internalType":"address","name":"","type":"address"},{"internalType":"address","name":"","type":"address"},{"internalType":"uint256","name":"","type":"uint256"}],"name":"pay","outputs":[],"stateMutability":"nonpayable","type":"function"},
    ],
    bytecode:
        "0x6080806040523460155761019e908161001a8239f35b5f80fdfe6080806040526004361015610012575f80fd5b5f3560e01c908163305f72b7146100c757508063973a7986146100905763b3d761881461003d575f80fd5b3461008c5760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261008c576100746100fe565b5061007d610121565b506100885f54610144565b5f55005b5f80fd5b3461008c5760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261008c5761007d6100fe565b3461008c575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261008c576020905f548152f35b6004359073ffffffffffffffffffffffffffffffffffffffff8216820361008c57565b6024359073ffffffffffffffffffffffffffffffffffffffff8216820361008c57565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff81146101715760010190565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd",
} as const;

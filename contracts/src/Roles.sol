// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev May settle: its key signs batches of payments.
bytes32 constant SETTLER = keccak256("SETTLER_ROLE");

/// @dev May publish the roots of an epoch.
bytes32 constant PUBLISHER = keccak256("PUBLISHER_ROLE");

/// @dev May stop all payments, and let them go on.
bytes32 constant GUARDIAN = keccak256("GUARDIAN_ROLE");

/// @dev May open banks in the name of merchants.
bytes32 constant BANK_MANAGER = keccak256("BANK_MANAGER_ROLE");

/// @dev May register merchants.
bytes32 constant REGISTRAR = keccak256("REGISTRAR_ROLE");

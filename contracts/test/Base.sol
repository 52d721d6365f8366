// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.34;

/// @dev The few cheat codes of forge that these tests use (the npm release of forge-std lacks its own
/// dependency, so it cannot be imported).
interface Vm {
    function addr(uint256 key) external pure returns (address);
    function assume(bool condition) external pure;
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data) external;
    function expectRevert(bytes calldata reason) external;
    function expectRevert() external;
    function prank(address sender) external;
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
    function snapshotValue(string calldata group, string calldata name, uint256 value) external;
    function warp(uint256 time) external;
}

/// @dev What every test contract inherits.
abstract contract Base {
    /// @dev forge looks for this name to know that the contract can be tested.
    // forge-lint: disable-next-line(screaming-snake-case-const)
    bool public constant IS_TEST = true;
    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error Unequal(bytes32 got, bytes32 expected, string what);

    function eq(bytes32 got, bytes32 expected, string memory what) internal pure {
        if (got != expected) revert Unequal(got, expected, what);
    }

    function eq(uint256 got, uint256 expected, string memory what) internal pure {
        eq(bytes32(got), bytes32(expected), what);
    }

    function eq(address got, address expected, string memory what) internal pure {
        eq(uint256(uint160(got)), uint256(uint160(expected)), what);
    }

    function eq(bool got, bool expected, string memory what) internal pure {
        eq(uint256(got ? 1 : 0), uint256(expected ? 1 : 0), what);
    }

    /// @dev The value brought into [low, high] without bias towards the ends.
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + (value % (high - low + 1));
    }
}

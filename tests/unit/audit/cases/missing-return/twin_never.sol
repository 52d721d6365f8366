pragma solidity ^0.8.0;

contract Points {
    error Never();

    function one() external pure returns (bool) {
        revert Never();
    }

    function two() external pure returns (uint256) {
        revert("never");
    }

    function three() external view returns (uint256) {
        assembly {
            mstore(0, timestamp())
            return(0, 32)
        }
    }

    function hook() internal virtual returns (bool) {}
}

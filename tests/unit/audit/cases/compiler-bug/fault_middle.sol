pragma solidity 0.8.2;

contract Pairs {
    bytes log;

    function read(bytes memory data) external pure returns (uint256[][] memory) {
        return abi.decode(data, (uint256[][])); // fault
    }

    function note() external {
        log.push(); // fault
    }
}

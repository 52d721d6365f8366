pragma solidity ^0.8.20;

contract Pay {
    mapping(address => uint256) public due;
    uint256[] public rounds;

    function credit(address[] calldata to) external payable {
        for (uint256 i = 1; i <= to.length; ++i) {
            due[to[i - 1]] += msg.value / to.length;
        }
        for (uint256 j = 0; j < rounds.length; ++j) {
            if (j <= rounds[j]) break;
        }
    }
}

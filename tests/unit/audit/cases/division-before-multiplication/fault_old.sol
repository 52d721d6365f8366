pragma solidity ^0.4.24;

library SafeMath {
    function mul(uint256 a, uint256 b) internal pure returns (uint256) {
        if (a == 0) return 0;
        uint256 c = a * b;
        require(c / a == b);
        return c;
    }

    function div(uint256 a, uint256 b) internal pure returns (uint256) {
        require(b > 0);
        return a / b;
    }
}

contract Rewards {
    using SafeMath for uint256;

    mapping(address => uint256) stake;
    mapping(address => uint256) reward;
    uint256 total;
    uint256 pot;

    function claim() public {
        reward[msg.sender] = stake[msg.sender].div(total).mul(pot); // fault
    }
}

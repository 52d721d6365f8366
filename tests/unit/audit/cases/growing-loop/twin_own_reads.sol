pragma solidity ^0.8.20;

contract Stakes {
    struct Stake {
        uint256 amount;
        uint256 since;
    }

    mapping(address => Stake[]) public stakes;
    mapping(address => uint256) public claimed;
    address[] public voters;

    function stake() external payable {
        stakes[msg.sender].push(Stake(msg.value, block.timestamp));
        voters.push(msg.sender);
    }

    function claim() external {
        uint256 sum;
        for (uint256 i; i < stakes[msg.sender].length; i++) {
            sum += stakes[msg.sender][i].amount;
        }
        claimed[msg.sender] = sum;
    }

    function count(address who) external view returns (uint256 found) {
        for (uint256 i; i < voters.length; i++) {
            if (voters[i] == who) found++;
        }
    }
}

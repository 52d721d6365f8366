pragma solidity ^0.5.17;
import "./elsewhere/SafeMath.sol";
contract Stakes {
    using SafeMath for uint256;
    mapping(address => uint256) private staked;
    uint256 private all;
    function take(uint256 amount) external {
        all = all.sub(amount);
        staked[msg.sender] = staked[msg.sender].sub(amount);
        msg.sender.transfer(amount);
    }
}

pragma solidity 0.4.24;

contract Points {
    mapping(address => uint256) held;
    mapping(address => mapping(address => uint256)) allowed;

    function giveFor(address from, address to, uint256 amount) external { // fault
        require(allowed[from][msg.sender] >= amount);
        allowed[from][msg.sender] -= amount;
        move(from, to, amount);
    }

    function move(address from, address to, uint256 amount) internal {
        require(held[from] >= amount);
        held[from] = held[from] - amount;
        uint256 more = held[to] + amount;
        require(more >= amount);
        held[to] = more;
    }
}

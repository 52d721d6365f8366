pragma solidity ^0.8.20;
contract Minted {
    event Moved(address to, uint256 id);
    uint256 internal next;
    address internal owner = msg.sender;
    uint256 internal total;
    mapping(address => uint256) internal packed;
    mapping(address => uint256) internal epoch;

    function mint(address to, uint256 count) external {
        unchecked {
            uint256 at = next;
            packed[to] += count * ((1 << 64) | 1); // here
            uint256 end = at + count;
            do {
                emit Moved(to, at++);
            } while (at != end);
            next = end;
        }
    }
    function advance(uint8 steps) external {
        unchecked {
            epoch[msg.sender] = epoch[msg.sender] + steps; // here
        }
    }
    function set(uint256 more) external {
        require(msg.sender == owner);
        unchecked {
            total = total + more; // here
        }
    }
}

pragma solidity ^0.8.0;

interface IPair {
    function getReserves() external view returns (uint112, uint112, uint32);
}

interface IPool {
    function slot0() external view returns (uint160, int24, uint16, uint16, uint16, uint8, bool);
}

contract Lender {
    IPair pair;
    IPool pool;
    mapping(address => uint256) public held;
    mapping(address => uint256) public owed;

    function price() public view returns (uint256) {
        (uint112 first, uint112 second, ) = pair.getReserves();
        return (uint256(second) * 1e18) / first; // fault
    }

    function borrow(uint256 amount) external {
        require((held[msg.sender] * price()) / 1e18 >= amount);
        owed[msg.sender] += amount;
    }

    function worth() external view returns (uint256) {
        (uint160 root, , , , , , ) = pool.slot0();
        return (uint256(root) * uint256(root)) >> 192; // fault
    }
}

pragma solidity ^0.8.20;
contract Down {
    uint256[] internal items;
    function clear(uint256 start) external {
        for (uint256 i = start; i >= 0; i--) { // here
            items[i] = 0;
        }
    }
}

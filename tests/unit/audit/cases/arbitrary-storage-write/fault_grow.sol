pragma solidity ^0.4.11;

contract Cells {
    address owner;
    uint256[] cells;

    function set(uint256 key, uint256 value) public {
        if (cells.length <= key) {
            cells.length = key + 1; // fault
        }
        cells[key] = value;
    }
}

pragma solidity ^0.4.24;

contract Map {
    address owner;
    uint[] cells;

    function set(uint key, uint value) public {
        if (cells.length <= key) {
            cells.length = key; // fault
        }
        cells[key] = value;
    }
}

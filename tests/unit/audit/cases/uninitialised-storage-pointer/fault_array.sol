pragma solidity 0.4.24;

contract Marks {
    uint public best;

    function note(uint mark) external {
        uint[3] storage marks; // fault
        if (mark > 10) {
            marks[0] = mark;
        }
        best += 1;
    }
}

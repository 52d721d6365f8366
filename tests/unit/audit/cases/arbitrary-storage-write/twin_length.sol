pragma solidity ^0.5.0;

contract Board {
    bytes32[] notes;

    function drop() public {
        require(notes.length > 0);
        notes.length--;
    }

    function dropLast(uint at) public {
        notes[at] = notes[notes.length - 1];
        notes.length = notes.length - 1;
    }

    function change(uint at, bytes32 note) public {
        notes[at] = note;
    }
}

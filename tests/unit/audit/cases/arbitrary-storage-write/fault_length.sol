pragma solidity ^0.5.0;

contract Board {
    address owner = msg.sender;
    bytes32[] notes;

    function add(bytes32 note) public {
        notes.push(note);
    }

    function drop() public {
        notes.length--; // fault
    }

    function change(uint at, bytes32 note) public {
        notes[at] = note;
    }
}

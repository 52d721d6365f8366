// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

library Slots {
    struct Word { uint256 value; }

    function at(bytes32 slot) internal pure returns (Word storage r) {
        assembly { r.slot := slot }
    }
}

abstract contract Guard {
    bytes32 private constant SLOT = 0x9b779b17422d0df92223018b32b4d1fa46e071723d6817e2486d003becc55f00;
    error Entered();

    modifier nonReentrant() {
        _before();
        _;
        _after();
    }

    function _before() private {
        if (Slots.at(SLOT).value == 2) {
            revert Entered();
        }
        Slots.at(SLOT).value = 2;
    }

    function _after() private {
        Slots.at(SLOT).value = 1;
    }
}

contract Bank is Guard {
    mapping(address => uint256) public held;
    mapping(uint256 => bool) public done;

    function take() external nonReentrant {
        uint256 due = held[msg.sender];
        (bool ok, ) = msg.sender.call{value: due}("");
        require(ok);
        held[msg.sender] = 0;
    }

    function each(uint256[] calldata ids, uint256 fee) external {
        for (uint256 i = 0; i < ids.length; i++) {
            require(!done[ids[i]]);
            done[ids[i]] = true;
            (bool ok, ) = msg.sender.call{value: fee}("");
            if (!ok) done[ids[i]] = false;
        }
    }
}

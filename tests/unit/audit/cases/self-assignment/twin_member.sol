pragma solidity ^0.8.20;

contract Terms {
    struct Term { uint256 rate; uint256 end; }
    mapping(uint256 => Term) public terms;

    function set(uint256 id, uint256 rate) external {
        terms[id].rate = rate;
        terms[id + 1].rate = terms[id].rate;
        terms[id].end += terms[id].end;
    }
}

pragma solidity ^0.8.20;
contract Claims {
    struct Claim { uint32 parent; uint256 worth; }
    Claim[] internal claims;
    uint256 internal counted;
    uint128 internal share;
    bool internal ready;
    address internal owner;
    mapping(bytes32 => bool) internal roots;

    function initialize(uint256 given) external {
        require(!ready);
        ready = true;
        owner = msg.sender;
        share = uint128(given); // here
    }
    function answer(uint256 parent, uint256 worth) external {
        counted += claims[parent].worth;
        claims.push(Claim(uint32(parent), worth)); // here
    }
}

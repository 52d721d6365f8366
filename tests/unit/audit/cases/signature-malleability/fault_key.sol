pragma solidity ^0.8.0;

contract Claims {
    mapping(bytes32 => bool) spent;
    mapping(bytes => bool) seen;
    mapping(address => uint256) balance;
    address judge;

    function claim(uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 key = keccak256(abi.encodePacked(v, r, s));
        require(!spent[key]);
        spent[key] = true;
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), msg.sender, amount));
        address found = ecrecover(digest, v, r, s); // fault
        require(found != address(0) && found == judge);
        balance[msg.sender] += amount;
    }

    function take(uint256 amount, bytes memory proof) external {
        require(!seen[proof]);
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly {
            r := mload(add(proof, 32))
            s := mload(add(proof, 64))
            v := byte(0, mload(add(proof, 96)))
        }
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), msg.sender, amount));
        require(ecrecover(digest, v, r, s) == judge); // fault
        seen[proof] = true;
        payable(msg.sender).transfer(amount);
    }
}

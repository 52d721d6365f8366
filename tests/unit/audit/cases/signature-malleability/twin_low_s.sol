pragma solidity ^0.8.0;

contract Claims {
    mapping(bytes32 => bool) spent;
    mapping(address => uint256) balance;
    address judge;
    uint256 constant HALF = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    function _recover(bytes32 digest, uint8 v, bytes32 r, bytes32 s) internal pure returns (address) {
        if (uint256(s) > HALF) revert();
        return ecrecover(digest, v, r, s);
    }

    function claim(uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 key = keccak256(abi.encodePacked(v, r, s));
        require(!spent[key]);
        spent[key] = true;
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), msg.sender, amount));
        address found = _recover(digest, v, r, s);
        require(found != address(0) && found == judge);
        balance[msg.sender] += amount;
    }
}

pragma solidity ^0.8.20;

contract Points {
    mapping(address => uint256) public points;
    mapping(address => uint256) public nonces;
    mapping(bytes32 => bool) public used;
    mapping(address => mapping(uint256 => uint256)) bits;
    address judge;
    address[] public allowed;
    mapping(address => bool) public isAllowed;

    function _digest(address who, uint256 amount, uint256 nonce) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), who, amount, nonce));
    }

    function award(uint256 amount, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = _digest(msg.sender, amount, nonces[msg.sender]++);
        require(ecrecover(digest, v, r, s) == judge);
        points[msg.sender] += amount;
    }

    function once(uint256 amount, uint256 salt, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = _digest(msg.sender, amount, salt);
        require(!used[digest]);
        used[digest] = true;
        require(ecrecover(digest, v, r, s) == judge);
        points[msg.sender] += amount;
    }

    function bitmap(uint256 amount, uint256 nonce, uint8 v, bytes32 r, bytes32 s) external {
        uint256 bit = 1 << (nonce & 0xff);
        uint256 word = bits[msg.sender][nonce >> 8];
        require(word & bit == 0);
        bits[msg.sender][nonce >> 8] = word | bit;
        require(ecrecover(_digest(msg.sender, amount, nonce), v, r, s) == judge);
        points[msg.sender] += amount;
    }

    function allow(uint8 v, bytes32 r, bytes32 s) external {
        require(ecrecover(keccak256(abi.encode(address(this), msg.sender)), v, r, s) == judge);
        isAllowed[msg.sender] = true;
    }
}

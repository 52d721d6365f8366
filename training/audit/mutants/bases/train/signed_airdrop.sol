// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IERC20 { function transfer(address to, uint256 value) external returns (bool); }

contract SignedAirdrop {
    IERC20 public immutable token;
    address public immutable signer;
    mapping(bytes32 => bool) public used;
    mapping(address => uint256) public nonce;

    constructor(IERC20 t, address s) { token = t; signer = s; }

    function _check(bytes32 hash, bytes calldata sig) internal view {
        require(sig.length == 65, "length");
        bytes32 r = bytes32(sig[0:32]);
        bytes32 s = bytes32(sig[32:64]);
        uint8 v = uint8(sig[64]);
        require(uint256(s) <= 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0, "s");
        address who = ecrecover(keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", hash)), v, r, s);
        require(who != address(0) && who == signer, "signer");
    }

    function claim(uint256 amount, bytes calldata sig) external {
        bytes32 hash = keccak256(abi.encode(msg.sender, amount, address(this), block.chainid));
        _check(hash, sig);
        require(!used[hash], "used"); //- no-nonce
        used[hash] = true; //- no-nonce
        require(token.transfer(msg.sender, amount), "pay");
    }

    function claimFor(address who, uint256 amount, bytes calldata sig) external {
        bytes32 hash = keccak256(abi.encode(who, amount, nonce[who]++, address(this), block.chainid)); //= no-nonce: bytes32 hash = keccak256(abi.encode(who, amount, address(this), block.chainid)); //= no-domain: bytes32 hash = keccak256(abi.encode(who, amount, nonce[who]++));
        _check(hash, sig); //- no-access-control
        require(token.transfer(who, amount), "pay");
    }

    function claimNote(string calldata note, string calldata memo, uint256 amount, bytes calldata sig) external {
        bytes32 hash = keccak256(abi.encode(note, memo, amount, msg.sender, address(this), block.chainid));
        require(!used[hash], "used");
        used[hash] = true;
        _check(hash, sig);
        require(token.transfer(msg.sender, amount), "pay");
    }
}

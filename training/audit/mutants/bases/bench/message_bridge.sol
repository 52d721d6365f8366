// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface IERC20 { function transfer(address to, uint256 value) external returns (bool); function transferFrom(address from, address to, uint256 value) external returns (bool); }

contract MessageBridge {
    IERC20 internal immutable token;
    address internal validator;
    mapping(bytes32 => bool) internal spent;
    mapping(address => uint256) public sequence;
    bool private begun;
    uint256 public outflow;

    error Replay();
    error Forged();

    constructor(IERC20 t) { token = t; }

    function begin(address v) external {
        if (begun) revert Replay(); //- open-initialiser
        begun = true;
        validator = v;
    }

    function _signer(bytes32 digest, uint8 v, bytes32 r, bytes32 s) internal pure returns (address who) {
        if (uint256(s) > 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0) revert Forged();
        who = ecrecover(digest, v, r, s);
        if (who == address(0)) revert Forged();
    }

    function leave(uint256 sum, bytes32 to) external {
        emit Left(msg.sender, to, sum, sequence[msg.sender]++);
        require(token.transferFrom(msg.sender, address(this), sum), "token");
    }
    event Left(address indexed from, bytes32 to, uint256 sum, uint256 number);

    function arrive(address to, uint256 sum, uint256 number, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), to, sum, number)); //= no-domain: bytes32 digest = keccak256(abi.encode(to, sum, number));
        if (spent[digest]) revert Replay(); //- no-nonce
        spent[digest] = true; //- no-nonce
        if (_signer(digest, v, r, s) != validator) revert Forged(); //- no-access-control //= no-zero-signer: if (ecrecover(digest, v, r, s) != validator) revert Forged();
        outflow += sum;
        require(token.transfer(to, sum), "token");
    }

    function arriveByOrder(address to, uint256 sum, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(block.chainid, address(this), to, sum, sequence[to]++)); //= no-nonce: bytes32 digest = keccak256(abi.encode(block.chainid, address(this), to, sum)); //= no-domain: bytes32 digest = keccak256(abi.encode(to, sum, sequence[to]++));
        require(_signer(digest, v, r, s) == validator, "forged"); //= no-zero-signer: require(ecrecover(digest, v, r, s) == validator, "forged");
        require(token.transfer(to, sum), "token");
    }

    function note(string calldata head, string calldata tail, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 digest = keccak256(abi.encode(head, tail, msg.sender, address(this), block.chainid));
        if (spent[digest]) revert Replay();
        spent[digest] = true;
        require(_signer(digest, v, r, s) == validator, "forged");
        outflow += 1;
    }

    function setValidator(address next) external {
        require(msg.sender == validator, "validator");
        validator = next;
    }
}

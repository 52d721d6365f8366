// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface IERC721 {
    function ownerOf(uint256 id) external view returns (address);
    function transferFrom(address from, address to, uint256 id) external;
}
interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

contract Marketplace {
    struct Offer { address maker; uint96 price; uint64 until; }
    IERC20 internal immutable cash;
    uint256 public cutBps = 250;
    address public admin;
    mapping(address => mapping(uint256 => Offer)) public offers;
    mapping(address => uint256) public refunds;
    uint256 private state = 1;

    error Bad();
    modifier guarded() { if (state != 1) revert Bad(); state = 2; _; state = 1; }
    modifier onlyAdmin() { _checkAdmin(); _; }
    constructor(IERC20 c) { cash = c; admin = msg.sender; }
    function _checkAdmin() internal view { if (msg.sender != admin) revert Bad(); }

    function offer(IERC721 nft, uint256 id, uint96 price, uint64 until) external {
        require(nft.ownerOf(id) == msg.sender, "not yours"); //- no-caller-check //= tx-origin: require(nft.ownerOf(id) == tx.origin, "not yours");
        offers[address(nft)][id] = Offer(msg.sender, price, until);
    }

    function take(IERC721 nft, uint256 id, uint96 highest) external guarded {
        Offer memory o = offers[address(nft)][id];
        require(o.maker != address(0) && o.until >= block.timestamp, "gone");
        require(o.price <= highest, "dearer"); //- order-dependence
        delete offers[address(nft)][id];
        uint256 cut = (uint256(o.price) * cutBps) / 10_000;
        require(cash.transferFrom(msg.sender, address(this), cut), "cut");
        require(cash.transferFrom(msg.sender, o.maker, o.price - cut), "price");
        nft.transferFrom(o.maker, msg.sender, id);
    }

    function sweepCuts(address to, uint256 sum) external onlyAdmin { require(cash.transfer(to, sum), "cut"); }
    function setCut(uint256 bps) external onlyAdmin { require(bps <= 1000, "much"); cutBps = bps; }

    function bidEther() external payable guarded { refunds[msg.sender] += msg.value; }

    function unbid(uint256 sum) external guarded {
        require(refunds[msg.sender] >= sum, "less");
        unchecked { refunds[msg.sender] -= sum; }
        bool ok = payable(msg.sender).send(sum);
        require(ok, "send");
    }

    function unbidAll() external guarded {
        uint256 sum = refunds[msg.sender];
        require(sum != 0, "none");
        (bool ok, ) = payable(msg.sender).call{value: sum}("");
        require(ok, "send");
        refunds[msg.sender] = 0;
    }
}

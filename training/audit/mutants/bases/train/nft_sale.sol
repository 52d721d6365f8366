// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IERC721Receiver { function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4); }

contract NftSale {
    mapping(uint256 => address) public ownerOf;
    mapping(address => uint256) public minted;
    mapping(uint256 => uint256) public price;
    uint256 public next;
    address public artist;

    constructor() { artist = msg.sender; }

    function mint() external payable {
        require(msg.value == 0.1 ether, "price");
        require(minted[msg.sender] < 2, "limit");
        minted[msg.sender] += 1;
        uint256 id = next++;
        ownerOf[id] = msg.sender;
        if (msg.sender.code.length > 0) {
            require(IERC721Receiver(msg.sender).onERC721Received(msg.sender, address(0), id, "") == 0x150b7a02, "receiver");
        }
    }

    function list(uint256 id, uint256 wei_) external {
        require(msg.sender == ownerOf[id], "owner"); //- no-caller-check //= tx-origin: require(tx.origin == ownerOf[id], "owner");
        price[id] = wei_;
    }

    function buy(uint256 id, uint256 most) external payable {
        uint256 asked = price[id];
        require(asked > 0 && asked <= most, "price"); //= order-dependence: require(asked > 0, "price");
        require(msg.value == asked, "value");
        address seller = ownerOf[id];
        price[id] = 0;
        ownerOf[id] = msg.sender;
        (bool ok, ) = payable(seller).call{value: asked}("");
        require(ok, "pay");
    }

    function withdraw() external {
        require(msg.sender == artist, "artist");
        (bool ok, ) = payable(artist).call{value: address(this).balance}("");
        require(ok, "pay");
    }
}

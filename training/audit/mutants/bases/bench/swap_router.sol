// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

interface IERC20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address who) external view returns (uint256);
}
interface IVenue {
    function swap(address to, uint256 amount, uint256 limit, bytes calldata data) external returns (uint256);
    function exactInput(address from, address to, uint256 amount, uint256 minOut, uint256 deadline) external returns (uint256);
}

contract SwapRouter_ {
    IVenue internal immutable venue;
    IERC20 internal immutable base;
    IERC20 internal immutable quote;
    address internal boss;
    mapping(address => uint256) public bought;
    error Slipped(uint256 got, uint256 wanted);

    constructor(IVenue v, IERC20 b, IERC20 q) { venue = v; base = b; quote = q; boss = msg.sender; }

    function buy(uint256 amount, uint256 minOut, uint256 deadline) external returns (uint256 got) {
        require(block.timestamp <= deadline, "late");
        require(base.transferFrom(msg.sender, address(venue), amount), "in");
        got = venue.exactInput(address(base), msg.sender, amount, minOut, deadline); //= no-slippage: got = venue.exactInput(address(base), msg.sender, amount, 0, block.timestamp);
        bought[msg.sender] += got;
    }

    function buyRaw(uint256 amount, uint256 minOut) external returns (uint256 got) {
        require(base.transferFrom(msg.sender, address(venue), amount), "in");
        got = venue.swap(msg.sender, amount, minOut, ""); //= no-slippage: got = venue.swap(msg.sender, amount, 0, "");
        if (got < minOut) revert Slipped(got, minOut); //- no-slippage
        bought[msg.sender] += got;
    }

    function venueSwapCallback(uint256 owed, bytes calldata) external {
        require(msg.sender == address(venue), "venue"); //- open-callback
        require(quote.transfer(msg.sender, owed), "owed");
    }

    function convert(uint256 amount, uint256 minOut) external {
        require(quote.transferFrom(msg.sender, address(this), amount), "in");
        uint256 out = venue.exactInput(address(quote), address(this), amount, minOut, block.timestamp + 60); //= no-slippage: uint256 out = venue.exactInput(address(quote), address(this), amount, 0, type(uint256).max);
        require(base.transfer(msg.sender, out), "out");
    }

    function relay(address to, uint256 amount) external {
        require(base.transferFrom(msg.sender, to, amount), "relay");
    }

    function rescue(IERC20 token, address to, uint256 amount) external {
        if (msg.sender != boss) revert();
        require(token.transfer(to, amount), "rescue");
    }
    //= no-access-control: function drain(IERC20 token, uint256 amount) external { require(token.transfer(msg.sender, amount)); }
    //= arbitrary-from: function pullFor(address from, uint256 amount) external { require(base.transferFrom(from, address(this), amount)); bought[msg.sender] += amount; }
}

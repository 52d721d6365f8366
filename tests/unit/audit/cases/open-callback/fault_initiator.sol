pragma solidity ^0.8.0;

interface Token {
    function approve(address to, uint256 amount) external returns (bool);
}

contract Borrower {
    address immutable lender;

    constructor(address chosen) {
        lender = chosen;
    }

    function onFlashLoan(address by, address token, uint256 amount, uint256 fee, bytes calldata) // fault
        external
        returns (bytes32)
    {
        require(msg.sender == lender);
        Token(token).approve(lender, amount + fee);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }
}

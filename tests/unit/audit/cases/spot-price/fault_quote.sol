pragma solidity ^0.8.0;

interface IRouter {
    function getAmountsOut(uint256, address[] calldata) external view returns (uint256[] memory);
}

contract Lender {
    IRouter router;
    address[] path;
    mapping(address => uint256) public owed;

    function borrow() external payable {
        uint256[] memory amounts = router.getAmountsOut(msg.value, path); // fault
        owed[msg.sender] += amounts[1] / 2;
    }
}

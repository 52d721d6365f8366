using SafeMath for uint256;

function bonus(uint256 amount, uint256 rate) public {
    uint256 share = amount.div(100);
    total = total.add(share.mul(rate)); // fault
}

using SafeMath for uint256;

function bonus(uint256 amount, uint256 rate) public {
    uint256 share = amount.mul(rate);
    total = total.add(share.div(100));
}

pragma solidity ^0.8.20;
contract Points {
    struct Point { uint32 at; uint224 votes; }
    Point[] internal points;
    uint256 internal asked;
    function add(uint224 votes) external {
        points.push(Point(uint32(block.number), votes));
    }
    function past(uint256 at) external returns (uint256) {
        uint256 low = 0;
        uint256 high = points.length;
        asked++;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (points[middle].at > at) high = middle;
            else low = middle + 1;
        }
        return high == 0 ? 0 : points[high - 1].votes;
    }
}

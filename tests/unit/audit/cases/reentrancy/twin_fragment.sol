function collect(uint amount) public {
    if (Held[msg.sender] >= amount) {
        Held[msg.sender] -= amount;
        if (!msg.sender.call.value(amount)()) throw;
    }
}

"""How much hashrate there is, and where the mining map saw it."""

//! The program from outside: its real binary, its real files, loopback HTTP. One test binary, so
//! that the program is linked once.

mod foreign;
mod kills;
mod shop;

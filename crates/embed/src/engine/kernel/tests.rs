//! Every kernel gives the bits of the portable one.

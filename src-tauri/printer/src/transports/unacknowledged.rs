//! How many bytes of ours a TCP connection's other end has not acknowledged: the one thing that tells whether it can have read
//! everything.
//!
//! Linux only (`SIOCOUTQ`, tcp(7)); elsewhere it is not known. Acknowledged means that the other end's *system* has the bytes,
//! not that its program has read them: that is nowhere to be seen in TCP.

/// None = this system does not tell.
#[cfg(all(
    target_os = "linux",
    any(
        target_arch = "x86",
        target_arch = "x86_64",
        target_arch = "arm",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
))]
#[expect(unsafe_code, reason = "the only way to this number; it writes one integer that it gives back")]
pub(super) fn unacknowledged(stream: &tokio::net::TcpStream) -> Option<usize> {
    use rustix::ioctl::{Getter, Opcode, ioctl};
    /// The same number as `TIOCOUTQ` on these processors.
    const SIOCOUTQ: Opcode = 0x5411;
    // SAFETY: on a TCP socket the kernel answers SIOCOUTQ with one `int`, which the getter owns.
    let count = unsafe { ioctl(stream, Getter::<SIOCOUTQ, i32>::new()) };
    count.ok().and_then(|n| usize::try_from(n).ok())
}

/// None = this system does not tell.
#[cfg(not(all(
    target_os = "linux",
    any(
        target_arch = "x86",
        target_arch = "x86_64",
        target_arch = "arm",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )
)))]
pub(super) fn unacknowledged(_: &tokio::net::TcpStream) -> Option<usize> {
    None
}

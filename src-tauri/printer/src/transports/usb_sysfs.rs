//! What the kernel knows of USB printers on Linux: which `/dev/usb/lpN` belongs to which device.
//!
//! A device has one place in the bus tree (`1-1.4`), whatever names lead to it, so its place is the key of its writer's
//! turn. Reads only; a tree that is not there or looks different gives `None`.

use std::fs;
use std::path::{Path, PathBuf};

/// The kernel's tree, usually `/sys`.
#[derive(Clone, Debug)]
pub(crate) struct Sysfs(PathBuf);

impl Sysfs {
    /// This machine's.
    pub(crate) fn system() -> Self {
        Self("/sys".into())
    }

    /// The node that the kernel's driver `usblp` made for the device in this folder of the tree; `None` = the driver
    /// does not hold it.
    pub(crate) fn lp_of(&self, device: &Path) -> Option<PathBuf> {
        let interfaces = fs::read_dir(device).ok()?.flatten().map(|e| e.path().join("usbmisc"));
        let mut nodes = interfaces.filter_map(|folder| fs::read_dir(folder).ok()).flat_map(|all| all.flatten());
        nodes.find_map(|node| lp_name(&node.path()).map(|name| Path::new("/dev/usb").join(name)))
    }

    /// The place of the device behind a node, as in `1-1.4`.
    pub(crate) fn place_of(&self, node: &Path) -> Option<String> {
        place(fs::canonicalize(self.interface(node)?).ok()?.parent()?)
    }

    /// The device id that `usblp` read when the device was plugged in.
    pub(crate) fn device_id(&self, node: &Path) -> Option<String> {
        let text = fs::read_to_string(self.interface(node)?.join("ieee1284_id")).ok()?;
        Some(text.trim().to_owned()).filter(|t| !t.is_empty())
    }

    fn interface(&self, node: &Path) -> Option<PathBuf> {
        Some(self.0.join("class/usbmisc").join(lp_name(node)?).join("device"))
    }
}

/// The name of a device's folder in the tree.
pub(crate) fn place(device: &Path) -> Option<String> {
    Some(device.file_name()?.to_str()?.to_owned())
}

fn lp_name(node: &Path) -> Option<&str> {
    let name = node.file_name()?.to_str()?;
    let number = name.strip_prefix("lp")?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// The part of the tree that `usblp` makes for the device `1-1.4`, as `lp3`.
    fn tree() -> (tempfile::TempDir, Sysfs, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let device = root.path().join("devices/pci0000:00/usb1/1-1/1-1.4");
        let interface = device.join("1-1.4:1.0");
        fs::create_dir_all(interface.join("usbmisc/lp3")).unwrap();
        fs::write(interface.join("ieee1284_id"), "MFG:TSC;MDL:TE200;\n").unwrap();
        symlink(&interface, interface.join("usbmisc/lp3/device")).unwrap();
        fs::create_dir_all(root.path().join("class/usbmisc")).unwrap();
        symlink(interface.join("usbmisc/lp3"), root.path().join("class/usbmisc/lp3")).unwrap();
        fs::create_dir_all(root.path().join("class/usbmisc/hiddev0")).unwrap();
        let sysfs = Sysfs(root.path().to_owned());
        (root, sysfs, device)
    }

    #[test]
    fn a_node_and_its_device_are_found_from_each_other() {
        let (_root, sysfs, device) = tree();
        let node = sysfs.lp_of(&device).expect("usblp holds it");
        assert_eq!(node, Path::new("/dev/usb/lp3"));
        assert_eq!(sysfs.place_of(&node), place(&device), "one place, whichever name it was found by");
        assert_eq!(place(&device).as_deref(), Some("1-1.4"));
        assert_eq!(sysfs.device_id(&node).as_deref(), Some("MFG:TSC;MDL:TE200;"));
    }

    #[test]
    fn what_is_not_there_is_nothing() {
        let (_root, sysfs, device) = tree();
        assert_eq!(sysfs.lp_of(&device.join("1-1.4:1.0")), None, "an interface is no device");
        for node in ["/dev/usb/lp9", "/dev/usb/hiddev0", "/dev/lp", "/"] {
            assert_eq!(sysfs.place_of(Path::new(node)), None, "{node}");
        }
    }
}

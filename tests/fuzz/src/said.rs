//! What printers, spoolers and the print component say.

/// Answers to every status question, device ids, counters.
pub fn status(bytes: &[u8]) {
    printer::hostile::status(bytes);
}

/// Answers as printers give them.
pub fn status_seeds() -> Vec<Vec<u8>> {
    [
        &b"\x00"[..],
        b"\x02@@@@\x03\r\n",
        b"\x02\x42\x40\x40\x40\x03",
        b"\x02030,0,0,1440,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n",
        b"\r\n  PRINTER STATUS\r\n   ERRORS:         1 00000000 00000005\r\n   WARNINGS:       0 00000000 00000000\r\n",
        b"\"1290\"",
        b"ZTC GX430t-300dpi-203,V56.17.5Z,12,8176KB\r\n",
        b"UQ\r\n00,UKQ1935HLU  V3.37,S/N:7\r\n",
        b"\x12\x16\x72",
        b"MFG:Gprinter;CMD:TSPL,EPL;MDL:GP-1324D;CLS:PRINTER;",
        b"\x00\x3aMANUFACTURER:Zebra Technologies ;COMMAND SET:ZPL;MODEL:ZD421;",
        b"TDP-225 V1.2",
    ]
    .map(<[u8]>::to_vec)
    .into()
}

/// Frames of the print component, parted by line ends, in any order.
pub fn component(bytes: &[u8]) {
    printer::hostile::component(bytes);
}

/// A good day, and a bad one.
pub fn component_seeds() -> Vec<Vec<u8>> {
    [
        "{\"cmd\":\"print\",\"requestID\":\"r1\",\"taskID\":\"t1\",\"status\":\"success\"}\n{\"cmd\":\"notifyPrintResult\",\"taskID\":\"t1\",\"printer\":\"p\",\"taskStatus\":\"rendered\",\"printStatus\":[{\"documentID\":\"d1\",\"status\":\"success\"}]}\n{\"cmd\":\"notifyPrintResult\",\"taskId\":\"t1\",\"taskStatus\":\"printed\",\"printStatus\":[{\"documentId\":\"d1\",\"status\":\"success\"}]}",
        "{\"cmd\":\"print\",\"requestID\":\"r1\",\"taskID\":\"t1\",\"status\":\"failed\",\"msg\":\"打印机不存在\"}",
        "{\"cmd\":\"getPrinters\",\"requestID\":\"r1\",\"defaultPrinter\":\"a\",\"printers\":[{\"name\":\"a\",\"status\":\"enable\"},{\"name\":\"b\",\"status\":\"disable\"}]}",
        "{\"cmd\":\"notifyTaskResult\",\"taskId\":1,\"taskStatus\":\"failed\",\"detail\":\"缺纸\"}\n{\"cmd\":\"notifyDocResult\",\"taskId\":\"t1\",\"documentId\":\"d1\",\"status\":\"failed\",\"code\":8}",
        "{\"cmd\":\"print\",\"requestID\":\"r1\",\"version\":\"1.0\",\"task\":{\"taskID\":\"t1\",\"preview\":false,\"printer\":\"p\",\"documents\":[{\"documentID\":\"d1\",\"contents\":[{}]}]}}",
    ]
    .map(|t| t.as_bytes().to_vec())
    .into()
}

//! The camera, and pictures that are dropped on the window.

use super::{Words, phrases};
use crate::domain::config::Language;

phrases! {
    camera: "摄像头", "Camera";
    camera_gone: "摄像头未连接", "Camera away";
    camera_on: "摄像头已打开", "The camera is on";
    camera_larger: "F4 放大", "F4: larger";
    camera_place: "把顾客的付款码放在框里", "Hold the customer's payment code into the frame";
    camera_place_slip: "把小票上的条码放在框里", "Hold the slip's barcode into the frame";
    camera_then: "读到付款码就收款", "A payment code that is read is charged";
    camera_then_slip: "读到单号就查找", "A number that is read is looked up";
    camera_opening: "正在打开摄像头…", "Opening the camera…";
    camera_instead: "也可以用扫码枪，或把付款码图片拖进窗口", "Use the scanner, or drop a picture of the code on the window";
    camera_close: "关闭", "Close";
    drop_picture: "松开以识别图片", "Let go to read the picture";
    drop_picture_how: "PNG 或 JPEG，一次一张", "PNG or JPEG, one at a time";
    keys_camera_do: "用摄像头扫码；再按一次关闭。付款码图片也可以拖进窗口", "scan with the camera, again: close it; or drop a picture of a code on the window";
}

; Installer for Windows, for the person who runs it (no administrator). Never run on Windows.
;   makensis -DVERSION=0.1.0 -DPROGRAMS=FOLDER -DOUT=FILE.exe waybill-desk.nsi
; FOLDER (absolute) holds waybill-desk.exe and waybill.exe. WebView2 must be there (Windows 11 has it); it is not fetched.
Unicode true
SetCompressor /SOLID lzma
!define ID "app.waybilldesk"
!define GONE "Software\Microsoft\Windows\CurrentVersion\Uninstall\${ID}"
Name "Waybill Desk"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Waybill Desk"
InstallDirRegKey HKCU "${GONE}" "InstallLocation"
Icon "../../../icons/icon.ico"
UninstallIcon "../../../icons/icon.ico"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Waybill Desk"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "The Waybill Desk authors; MIT OR Apache-2.0"
VIAddVersionKey "FileDescription" "Waybill Desk"
Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

Section
  SetOutPath "$INSTDIR"
  File "${PROGRAMS}/waybill-desk.exe"
  File "${PROGRAMS}/waybill.exe"
  File /oname=LICENSE.txt "../../../LICENSE"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\面单台.lnk" "$INSTDIR\waybill-desk.exe"
  WriteRegStr HKCU "Software\Classes\${ID}" "" "URL:Waybill Desk"
  WriteRegStr HKCU "Software\Classes\${ID}" "URL Protocol" ""
  WriteRegStr HKCU "Software\Classes\${ID}\DefaultIcon" "" '"$INSTDIR\waybill-desk.exe",0'
  WriteRegStr HKCU "Software\Classes\${ID}\shell\open\command" "" '"$INSTDIR\waybill-desk.exe" "%1"'
  WriteRegStr HKCU "${GONE}" "DisplayName" "Waybill Desk"
  WriteRegStr HKCU "${GONE}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${GONE}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${GONE}" "UninstallString" '"$INSTDIR\uninstall.exe"'
SectionEnd

Section "Uninstall"
  ; The data folder (%LOCALAPPDATA%\app.waybilldesk) stays.
  Delete "$INSTDIR\waybill-desk.exe"
  Delete "$INSTDIR\waybill.exe"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\面单台.lnk"
  DeleteRegKey HKCU "Software\Classes\${ID}"
  DeleteRegKey HKCU "${GONE}"
SectionEnd
